; @parameter is one parameter of a list; what is left of it @without its name is its type.

((parameter_declaration !declarator) @parameter @type (#not-eq? @type "void"))
((parameter_declaration declarator: [
  (abstract_pointer_declarator) (abstract_array_declarator) (abstract_function_declarator)
  (abstract_parenthesized_declarator)]) @parameter @type)
(variadic_parameter) @parameter @type

(parameter_declaration declarator: (identifier) @without) @parameter
(parameter_declaration declarator: (pointer_declarator
  declarator: (identifier) @without)) @parameter
(parameter_declaration declarator: (pointer_declarator declarator: (pointer_declarator
  declarator: (identifier) @without))) @parameter
(parameter_declaration declarator: (pointer_declarator declarator: (pointer_declarator
  declarator: (pointer_declarator declarator: (identifier) @without)))) @parameter
(parameter_declaration declarator: (array_declarator
  declarator: (identifier) @without)) @parameter
(parameter_declaration declarator: (array_declarator declarator: (array_declarator
  declarator: (identifier) @without))) @parameter
(parameter_declaration declarator: (pointer_declarator declarator: (array_declarator
  declarator: (identifier) @without))) @parameter
(parameter_declaration declarator: (pointer_declarator declarator: (array_declarator
  declarator: (array_declarator declarator: (identifier) @without)))) @parameter
(parameter_declaration declarator: (array_declarator declarator: (parenthesized_declarator
  (pointer_declarator declarator: (identifier) @without)))) @parameter
(parameter_declaration declarator: (function_declarator
  declarator: (identifier) @without)) @parameter
(parameter_declaration declarator: (function_declarator declarator: (parenthesized_declarator
  (pointer_declarator declarator: (identifier) @without)))) @parameter
(parameter_declaration declarator: (pointer_declarator declarator: (function_declarator
  declarator: (parenthesized_declarator
    (pointer_declarator declarator: (identifier) @without))))) @parameter
(parameter_declaration declarator: (pointer_declarator declarator: (pointer_declarator
  declarator: (array_declarator declarator: (identifier) @without)))) @parameter
