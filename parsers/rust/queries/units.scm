; The pieces of a Rust file that are translated as a whole.  The capture around a piece is its
; kind; @name is what reports call it, @parameters the list of its parameters.

(function_item
  name: [(identifier) (metavariable)] @name
  parameters: (parameters) @parameters) @function

(function_signature_item
  name: [(identifier) (metavariable)] @name
  parameters: (parameters) @parameters) @function

(struct_item name: (type_identifier) @name) @type
(enum_item name: (type_identifier) @name) @type
(union_item name: (type_identifier) @name) @type
(trait_item name: (type_identifier) @name) @type

; A block of methods bears the name of the type that they belong to.
(impl_item type: (type_identifier) @name) @type
(impl_item type: (primitive_type) @name) @type
(impl_item type: (generic_type type: (type_identifier) @name)) @type
(impl_item type: (generic_type type: (scoped_type_identifier name: (type_identifier) @name))) @type
(impl_item type: (scoped_type_identifier name: (type_identifier) @name)) @type
(impl_item type: [
  (reference_type) (pointer_type) (tuple_type) (array_type) (unit_type) (dynamic_type)
  (function_type) (never_type) (abstract_type) (metavariable) (macro_invocation)
  (bounded_type)] @name) @type
