; @parameter is one parameter of a list, @type its type as written; `self` is none, typed or not.

((parameter pattern: (_) @pattern type: (_) @type) @parameter (#not-eq? @pattern "self"))
