; What a unit uses: @call the name of what is called, @type the name of a type.

(call_expression function: (identifier) @call)
(call_expression function: (scoped_identifier name: (identifier) @call))
(call_expression function: (field_expression field: (field_identifier) @call))
(call_expression function: (generic_function function: (identifier) @call))
(call_expression function: (generic_function
  function: (scoped_identifier name: (identifier) @call)))
(call_expression function: (generic_function
  function: (field_expression field: (field_identifier) @call)))
; In the arguments of a macro, which are tokens only.
(token_tree (identifier) @call . (token_tree))

(type_identifier) @type
(scoped_identifier path: (identifier) @type)
(struct_pattern type: (type_identifier) @type)
