; The pieces of a C++ file that are translated as a whole.  The capture around a piece is its
; kind; @name is what reports call it, @parameters the list of its parameters, @container the type
; that code outside of it names.  What a function returns stands around its name: a pointer, two, a
; reference, a reference to a pointer.

; In a class or none.
(function_definition declarator: (function_declarator
  declarator: [(identifier) (field_identifier) (destructor_name) (operator_name)] @name
  parameters: (parameter_list) @parameters)) @function
(function_definition declarator: (pointer_declarator declarator: (function_declarator
  declarator: [(identifier) (field_identifier) (destructor_name) (operator_name)] @name
  parameters: (parameter_list) @parameters))) @function
(function_definition declarator: (reference_declarator (function_declarator
  declarator: [(identifier) (field_identifier) (destructor_name) (operator_name)] @name
  parameters: (parameter_list) @parameters))) @function
(function_definition declarator: (pointer_declarator declarator: (pointer_declarator declarator:
    (function_declarator
  declarator: [(identifier) (field_identifier) (destructor_name) (operator_name)] @name
  parameters: (parameter_list) @parameters)))) @function
(function_definition declarator: (pointer_declarator declarator: (reference_declarator
    (function_declarator
  declarator: [(identifier) (field_identifier) (destructor_name) (operator_name)] @name
  parameters: (parameter_list) @parameters)))) @function

; Outside of its class.
(function_definition declarator: (function_declarator
  declarator: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name)
  parameters: (parameter_list) @parameters)) @function
(function_definition declarator: (pointer_declarator declarator: (function_declarator
  declarator: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name)
  parameters: (parameter_list) @parameters))) @function
(function_definition declarator: (reference_declarator (function_declarator
  declarator: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name)
  parameters: (parameter_list) @parameters))) @function
(function_definition declarator: (pointer_declarator declarator: (pointer_declarator declarator:
    (function_declarator
  declarator: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name)
  parameters: (parameter_list) @parameters)))) @function
(function_definition declarator: (pointer_declarator declarator: (reference_declarator
    (function_declarator
  declarator: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name)
  parameters: (parameter_list) @parameters)))) @function

; The same, with more names before.
(function_definition declarator: (function_declarator
  declarator: (qualified_identifier name: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name))
  parameters: (parameter_list) @parameters)) @function
(function_definition declarator: (pointer_declarator declarator: (function_declarator
  declarator: (qualified_identifier name: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name))
  parameters: (parameter_list) @parameters))) @function
(function_definition declarator: (reference_declarator (function_declarator
  declarator: (qualified_identifier name: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name))
  parameters: (parameter_list) @parameters))) @function
(function_definition declarator: (pointer_declarator declarator: (pointer_declarator declarator:
    (function_declarator
  declarator: (qualified_identifier name: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name))
  parameters: (parameter_list) @parameters)))) @function
(function_definition declarator: (pointer_declarator declarator: (reference_declarator
    (function_declarator
  declarator: (qualified_identifier name: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name))
  parameters: (parameter_list) @parameters)))) @function

(function_definition declarator: (function_declarator
  declarator: (qualified_identifier name: (qualified_identifier name: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name)))
  parameters: (parameter_list) @parameters)) @function
(function_definition declarator: (pointer_declarator declarator: (function_declarator
  declarator: (qualified_identifier name: (qualified_identifier name: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name)))
  parameters: (parameter_list) @parameters))) @function
(function_definition declarator: (reference_declarator (function_declarator
  declarator: (qualified_identifier name: (qualified_identifier name: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name)))
  parameters: (parameter_list) @parameters))) @function
(function_definition declarator: (pointer_declarator declarator: (pointer_declarator declarator:
    (function_declarator
  declarator: (qualified_identifier name: (qualified_identifier name: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name)))
  parameters: (parameter_list) @parameters)))) @function
(function_definition declarator: (pointer_declarator declarator: (reference_declarator
    (function_declarator
  declarator: (qualified_identifier name: (qualified_identifier name: (qualified_identifier
    scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
    name: [(identifier) (destructor_name) (operator_name)] @name)))
  parameters: (parameter_list) @parameters)))) @function

; Conversions, by the type that comes out.
(function_definition declarator: (operator_cast
  type: (_) @name
  declarator: (abstract_function_declarator parameters: (parameter_list) @parameters))) @function
(function_definition declarator: (qualified_identifier
  scope: [(namespace_identifier) @container (template_type name: (type_identifier) @container)]
  name: (operator_cast
    type: (_) @name
    declarator: (abstract_function_declarator parameters: (parameter_list) @parameters)))) @function

; Pure virtual.

(field_declaration declarator: (function_declarator
  declarator: [(identifier) (field_identifier) (destructor_name) (operator_name)] @name
  parameters: (parameter_list) @parameters)
  default_value: (number_literal)) @function
(field_declaration declarator: (pointer_declarator declarator: (function_declarator
  declarator: [(identifier) (field_identifier) (destructor_name) (operator_name)] @name
  parameters: (parameter_list) @parameters))
  default_value: (number_literal)) @function
(field_declaration declarator: (reference_declarator (function_declarator
  declarator: [(identifier) (field_identifier) (destructor_name) (operator_name)] @name
  parameters: (parameter_list) @parameters))
  default_value: (number_literal)) @function

(class_specifier name: (type_identifier) @name body: (_)) @type
(struct_specifier name: (type_identifier) @name body: (_)) @type
(union_specifier name: (type_identifier) @name body: (_)) @type
(class_specifier name: (template_type name: (type_identifier) @name) body: (_)) @type
(struct_specifier name: (template_type name: (type_identifier) @name) body: (_)) @type
(class_specifier name: (qualified_identifier name: (type_identifier) @name) body: (_)) @type
(struct_specifier name: (qualified_identifier name: (type_identifier) @name) body: (_)) @type
(enum_specifier name: (type_identifier) @name body: (_)) @type
(type_definition
  type: [(struct_specifier body: (_)) (union_specifier body: (_)) (enum_specifier body: (_))]
  declarator: (type_identifier) @name) @type
