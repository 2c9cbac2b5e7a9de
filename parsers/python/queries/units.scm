; The pieces of a Python file that are translated as a whole.  The capture around a piece is its
; kind; @name is what reports call it, @parameters the list of its parameters.

(function_definition
  name: (identifier) @name
  parameters: (parameters) @parameters) @function

(class_definition name: (identifier) @name) @type
