; The pieces of a C# file that are translated as a whole.  The capture around a piece is its
; kind; @name is what reports call it, @parameters the list of its parameters.

(method_declaration
  name: (identifier) @name
  parameters: (parameter_list) @parameters) @method

(operator_declaration
  operator: _ @name
  parameters: (parameter_list) @parameters) @method

(conversion_operator_declaration
  type: (_) @name
  parameters: (parameter_list) @parameters) @method

(constructor_declaration
  name: (identifier) @name
  parameters: (parameter_list) @parameters) @constructor

(destructor_declaration
  name: (identifier) @name
  parameters: (parameter_list) @parameters) @method

(property_declaration
  name: (identifier) @name) @property

(indexer_declaration
  "this" @name
  parameters: (bracketed_parameter_list) @parameters) @property

(event_declaration
  name: (identifier) @name) @property

(class_declaration name: (identifier) @name) @type
(interface_declaration name: (identifier) @name) @type
(struct_declaration name: (identifier) @name) @type
(enum_declaration name: (identifier) @name) @type
(record_declaration name: (identifier) @name) @type
