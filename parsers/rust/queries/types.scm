; Types that the grammar takes for other identifiers: in paths, by the way they are written.

((scoped_identifier path: (identifier) @type) (#match? @type "^[A-Z][A-Za-z0-9]*[a-z]"))
