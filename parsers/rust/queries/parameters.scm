; @parameter is one parameter of a list, @type its type as written; `self` is none, typed or not.

((parameter pattern: (_) @_pattern type: (_) @type) @parameter (#not-eq? @_pattern "self"))
