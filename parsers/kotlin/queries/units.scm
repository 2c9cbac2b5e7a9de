; The pieces of a Kotlin file that are translated as a whole.  The capture around a piece is its
; kind; @name is what reports call it, @parameters the list of its parameters.

(function_declaration
  name: (identifier) @name
  (function_value_parameters) @parameters) @function

(secondary_constructor
  "constructor" @name
  (function_value_parameters) @parameters) @constructor

; What is computed is a property; what only holds a value is part of its class.
(property_declaration (variable_declaration (identifier) @name) (getter)) @property
(property_declaration (variable_declaration (identifier) @name) (setter)) @property
(property_declaration (variable_declaration (identifier) @name) (property_delegate)) @property

(property_declaration
  (variable_declaration (identifier) @name)
  [(lambda_literal) (anonymous_function)]) @function

(class_declaration name: (identifier) @name) @type
(object_declaration name: (identifier) @name) @type
(companion_object "object" . (identifier) @name) @type
(type_alias type: (identifier) @name) @type
