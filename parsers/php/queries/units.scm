; The pieces of a PHP file that are translated as a whole.  The capture around a piece is its
; kind; @name is what reports call it, @parameters the list of its parameters.

(function_definition
  name: (name) @name
  parameters: (formal_parameters) @parameters) @function

; Methods of a class without a name are left inside the code that makes it.
(method_declaration
  name: (name) @name
  parameters: (formal_parameters) @parameters) @function

(class_declaration name: (name) @name) @type
(interface_declaration name: (name) @name) @type
(trait_declaration name: (name) @name) @type
(enum_declaration name: (name) @name) @type
