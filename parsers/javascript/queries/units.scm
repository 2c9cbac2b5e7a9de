; The pieces of a JavaScript file that are translated as a whole.  The capture around a piece is
; its kind; @name is what reports call it, @parameters the list of its parameters.

(function_declaration
  name: (identifier) @name
  parameters: (formal_parameters) @parameters) @function

(generator_function_declaration
  name: (identifier) @name
  parameters: (formal_parameters) @parameters) @function

; Inside a class these are methods, and one of them the constructor.
((method_definition
  name: (_) @name
  parameters: (formal_parameters) @parameters) @function
  (#not-match? @function "^(@[^\n]*\\s+)*(static\\s+)?[gs]et(\\s+[^\\s(]|\\[)"))

((method_definition
  name: (_) @name
  parameters: (formal_parameters) @parameters) @property
  (#match? @property "^(@[^\n]*\\s+)*(static\\s+)?[gs]et(\\s+[^\\s(]|\\[)"))

(field_definition
  property: (_) @name
  value: [
    (arrow_function parameters: (formal_parameters) @parameters)
    (arrow_function parameter: (_))
    (function_expression parameters: (formal_parameters) @parameters)
    (generator_function parameters: (formal_parameters) @parameters)
  ]) @method

; A function that is assigned is called by what it is assigned to.
(lexical_declaration . (variable_declarator
  name: (identifier) @name
  value: [
    (arrow_function parameters: (formal_parameters) @parameters)
    (arrow_function parameter: (_))
    (function_expression parameters: (formal_parameters) @parameters)
    (generator_function parameters: (formal_parameters) @parameters)
  ]) .) @function

(variable_declaration . (variable_declarator
  name: (identifier) @name
  value: [
    (arrow_function parameters: (formal_parameters) @parameters)
    (arrow_function parameter: (_))
    (function_expression parameters: (formal_parameters) @parameters)
    (generator_function parameters: (formal_parameters) @parameters)
  ]) .) @function

(program (expression_statement (assignment_expression
  left: [(identifier) @name (member_expression property: (_) @name)]
  right: [
    (arrow_function parameters: (formal_parameters) @parameters)
    (arrow_function parameter: (_))
    (function_expression parameters: (formal_parameters) @parameters)
    (generator_function parameters: (formal_parameters) @parameters)
  ])) @function)

; An export without a name is called default.
(export_statement "default" @name
  value: [
    (arrow_function parameters: (formal_parameters) @parameters)
    (arrow_function parameter: (_))
    (function_expression parameters: (formal_parameters) @parameters)
    (generator_function parameters: (formal_parameters) @parameters)
  ]) @function

(class_declaration name: (identifier) @name) @type
(lexical_declaration . (variable_declarator name: (identifier) @name value: (class)) .) @type
(export_statement "default" @name value: (class)) @type
