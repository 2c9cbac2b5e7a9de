; What a unit uses: @call is the name of what is called, @type the name of a type.

(call function: (identifier) @call)
(call function: (attribute attribute: (identifier) @call))
(decorator (identifier) @call)
(decorator (attribute attribute: (identifier) @call))
(type (identifier) @type)
(type (attribute attribute: (identifier) @type))
(type (generic_type (identifier) @type))
(type (subscript value: (identifier) @type))
(type (binary_operator (identifier) @type))
(class_definition superclasses: (argument_list (identifier) @type))
(class_definition superclasses: (argument_list (attribute attribute: (identifier) @type)))
(except_clause (identifier) @type)
(except_clause (as_pattern (identifier) @type))
(except_clause (tuple (identifier) @type))
(raise_statement (identifier) @type)
; What is called and begins with a capital is a class, by convention.
((call function: (identifier) @type) (#match? @type "^[A-Z]"))
; What a class method or a constant is taken from looks like a variable, but for its capital.
((attribute object: (identifier) @type) (#match? @type "^[A-Z]"))
