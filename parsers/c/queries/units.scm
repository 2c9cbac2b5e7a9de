; The pieces of a C file that are translated as a whole.  The capture around a piece is its kind;
; @name is what reports call it, @parameters the list of its parameters.

(function_definition declarator: (function_declarator
  declarator: [(identifier) @name (parenthesized_declarator (identifier) @name)]
  parameters: (parameter_list) @parameters)) @function

; Of a function that returns a pointer, by how far it points.
(function_definition declarator: (pointer_declarator declarator: (function_declarator
  declarator: [(identifier) @name (parenthesized_declarator (identifier) @name)]
  parameters: (parameter_list) @parameters))) @function
(function_definition declarator: (pointer_declarator
  declarator: (pointer_declarator declarator: (function_declarator
  declarator: [(identifier) @name (parenthesized_declarator (identifier) @name)]
  parameters: (parameter_list) @parameters)))) @function
(function_definition declarator: (pointer_declarator
  declarator: (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator
  declarator: [(identifier) @name (parenthesized_declarator (identifier) @name)]
  parameters: (parameter_list) @parameters))))) @function

; Of one that returns a pointer to a function.
(function_definition declarator: (function_declarator
  declarator: (parenthesized_declarator (pointer_declarator declarator: (function_declarator
    declarator: (identifier) @name
    parameters: (parameter_list) @parameters))))) @function

(struct_specifier name: (type_identifier) @name body: (_)) @type
(union_specifier name: (type_identifier) @name body: (_)) @type
(enum_specifier name: (type_identifier) @name body: (_)) @type
(type_definition
  type: [(struct_specifier body: (_)) (union_specifier body: (_)) (enum_specifier body: (_))]
  declarator: (type_identifier) @name) @type
