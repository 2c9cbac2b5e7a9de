; @parameter is one parameter of a list; what is left of it @without its name and its default
; value is its type.

((parameter_declaration !declarator) @parameter @type (#not-eq? @type "void"))
((parameter_declaration declarator: [
  (abstract_pointer_declarator) (abstract_reference_declarator) (abstract_array_declarator)
  (abstract_function_declarator) (abstract_parenthesized_declarator)]) @parameter @type)
(optional_parameter_declaration !declarator default_value: (_) @without) @parameter
(optional_parameter_declaration
  declarator: (abstract_reference_declarator)
  default_value: (_) @without) @parameter
(parameter_list "..." @parameter @type)

(parameter_declaration declarator: (identifier) @without) @parameter
(parameter_declaration declarator: (pointer_declarator declarator: (identifier) @without))
    @parameter
(parameter_declaration declarator: (reference_declarator (identifier) @without)) @parameter
(parameter_declaration declarator: (pointer_declarator declarator: (pointer_declarator declarator:
    (identifier) @without))) @parameter
(parameter_declaration declarator: (pointer_declarator declarator: (reference_declarator
    (identifier) @without))) @parameter
(parameter_declaration declarator: (pointer_declarator declarator: (pointer_declarator declarator:
    (pointer_declarator declarator: (identifier) @without)))) @parameter
(parameter_declaration declarator: (array_declarator declarator: (identifier) @without)) @parameter
(parameter_declaration declarator: (array_declarator declarator: (array_declarator declarator:
    (identifier) @without))) @parameter
(parameter_declaration declarator: (pointer_declarator declarator: (array_declarator declarator:
    (identifier) @without))) @parameter
(parameter_declaration declarator: (reference_declarator (array_declarator declarator:
    (identifier) @without))) @parameter
(parameter_declaration declarator: (array_declarator declarator: (parenthesized_declarator
    (pointer_declarator declarator: (identifier) @without)))) @parameter
(parameter_declaration declarator: (array_declarator declarator: (parenthesized_declarator
    (reference_declarator (identifier) @without)))) @parameter
(parameter_declaration declarator: (function_declarator declarator: (identifier) @without))
    @parameter
(parameter_declaration declarator: (function_declarator declarator: (parenthesized_declarator
    (pointer_declarator declarator: (identifier) @without)))) @parameter
(parameter_declaration declarator: (function_declarator declarator: (parenthesized_declarator
    (reference_declarator (identifier) @without)))) @parameter
(parameter_declaration declarator: (pointer_declarator declarator: (function_declarator
    declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier)
    @without))))) @parameter
(optional_parameter_declaration declarator: (identifier) @without
  default_value: (_) @without) @parameter
(optional_parameter_declaration declarator: (pointer_declarator declarator: (identifier) @without)
  default_value: (_) @without) @parameter
(optional_parameter_declaration declarator: (reference_declarator (identifier) @without)
  default_value: (_) @without) @parameter
(optional_parameter_declaration declarator: (pointer_declarator declarator: (pointer_declarator
    declarator: (identifier) @without))
  default_value: (_) @without) @parameter
(optional_parameter_declaration declarator: (pointer_declarator declarator: (reference_declarator
    (identifier) @without))
  default_value: (_) @without) @parameter
(optional_parameter_declaration declarator: (function_declarator declarator:
    (parenthesized_declarator (pointer_declarator declarator: (identifier) @without)))
  default_value: (_) @without) @parameter
(optional_parameter_declaration declarator: (array_declarator declarator: (identifier) @without)
  default_value: (_) @without) @parameter
(variadic_parameter_declaration
  declarator: (variadic_declarator (identifier) @without)) @parameter
(variadic_parameter_declaration
  declarator: (reference_declarator (variadic_declarator (identifier) @without))) @parameter
(parameter_declaration declarator: (pointer_declarator declarator: (pointer_declarator
  declarator: (array_declarator declarator: (identifier) @without)))) @parameter
