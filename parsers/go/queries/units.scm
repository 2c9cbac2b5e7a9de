; The pieces of a Go file that are translated as a whole.  The capture around a piece is its kind;
; @name is what reports call it, @parameters the list of its parameters, @container the type that a
; method belongs to.

(function_declaration
  name: (identifier) @name
  parameters: (parameter_list) @parameters) @function

; With a container it is a method.
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @container
    (generic_type type: (type_identifier) @container)
    (pointer_type (type_identifier) @container)
    (pointer_type (generic_type type: (type_identifier) @container))
  ]))
  name: (field_identifier) @name
  parameters: (parameter_list) @parameters) @function

(source_file (var_declaration (var_spec
  name: (identifier) @name
  value: (expression_list . (func_literal parameters: (parameter_list) @parameters) .))) @function)

; A type by itself, and each type of a list in parentheses.
((type_declaration . [
  (type_spec name: (type_identifier) @name)
  (type_alias name: (type_identifier) @name)
  ] .) @type
  (#not-match? @type "^type\\s*[(]"))

(type_declaration "(" [
  (type_spec name: (type_identifier) @name)
  (type_alias name: (type_identifier) @name)
  ] @type)
