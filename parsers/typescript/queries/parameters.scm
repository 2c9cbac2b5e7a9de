; @parameter is one parameter of a list, @type its type as written, if it was.  What stands for
; the object itself is none: (this: T).

(formal_parameters (required_parameter
  pattern: [(identifier) (object_pattern) (array_pattern) (rest_pattern)]
  type: (type_annotation (_) @type)?) @parameter)
(formal_parameters (optional_parameter type: (type_annotation (_) @type)?) @parameter)
