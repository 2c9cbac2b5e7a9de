; What a unit uses: @call the name of what is called, @type the name of a type.

(call_expression function: (identifier) @call)
(call_expression function: (field_expression field: (field_identifier) @call))
(call_expression function: (parenthesized_expression (identifier) @call))
; A function that is handed on by its name.
(argument_list (identifier) @call)
(initializer_list (identifier) @call)

(type_identifier) @type
