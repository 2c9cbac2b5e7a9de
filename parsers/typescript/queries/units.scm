; The pieces of a TypeScript file that are translated as a whole.  The capture around a piece is
; its kind; @name is what reports call it, @parameters the list of its parameters.

(function_declaration
  name: (identifier) @name
  parameters: (formal_parameters) @parameters) @function

(generator_function_declaration
  name: (identifier) @name
  parameters: (formal_parameters) @parameters) @function

(function_signature
  name: (identifier) @name
  parameters: (formal_parameters) @parameters) @function

; Inside a class these are methods, and one of them the constructor.
(([
  (method_definition name: (_) @name parameters: (formal_parameters) @parameters)
  (method_signature name: (_) @name parameters: (formal_parameters) @parameters)
  (abstract_method_signature name: (_) @name parameters: (formal_parameters) @parameters)
  ]) @function
  (#not-match? @function "^((public|private|protected|static|abstract|override|async)\\s+)*[gs]et(\\s+[^\\s(<]|\\[)"))

(([
  (method_definition name: (_) @name parameters: (formal_parameters) @parameters)
  (method_signature name: (_) @name parameters: (formal_parameters) @parameters)
  (abstract_method_signature name: (_) @name parameters: (formal_parameters) @parameters)
  ]) @property
  (#match? @property "^((public|private|protected|static|abstract|override|async)\\s+)*[gs]et(\\s+[^\\s(<]|\\[)"))

(public_field_definition
  name: (_) @name
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

(class_declaration name: (type_identifier) @name) @type
(abstract_class_declaration name: (type_identifier) @name) @type
(interface_declaration name: (type_identifier) @name) @type
(enum_declaration name: (identifier) @name) @type
(type_alias_declaration name: (type_identifier) @name) @type
(lexical_declaration . (variable_declarator name: (identifier) @name value: (class)) .) @type
(export_statement "default" @name value: (class)) @type
