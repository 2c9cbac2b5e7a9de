; The pieces of a Java file that are translated as a whole.  The capture around a piece is its
; kind; @name is what reports call it, @parameters the list of its parameters.

(method_declaration
  name: (identifier) @name
  parameters: (formal_parameters) @parameters) @method

(constructor_declaration
  name: (identifier) @name
  parameters: (formal_parameters) @parameters) @constructor

(compact_constructor_declaration
  name: (identifier) @name) @constructor

(annotation_type_element_declaration
  name: (identifier) @name) @method

(class_declaration name: (identifier) @name) @type
(interface_declaration name: (identifier) @name) @type
(enum_declaration name: (identifier) @name) @type
(record_declaration name: (identifier) @name) @type
(annotation_type_declaration name: (identifier) @name) @type
