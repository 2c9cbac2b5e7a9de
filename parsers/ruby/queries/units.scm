; The pieces of a Ruby file that are translated as a whole.  The capture around a piece is its
; kind; @name is what reports call it, @parameters the list of its parameters.

(method name: (_) @name parameters: (method_parameters)? @parameters) @function
(singleton_method name: (_) @name parameters: (method_parameters)? @parameters) @function

(class name: [(constant) (scope_resolution)] @name) @type
(module name: [(constant) (scope_resolution)] @name) @type

; A class that is made by a call with its methods in the block, as Struct does it.
(assignment
  left: (constant) @name
  right: (call
    receiver: (constant) @_maker
    method: (identifier) @_way
    block: [(do_block) (block)])
  (#any-of? @_maker "Struct" "Class" "Module" "Data")
  (#any-of? @_way "new" "define")) @type
