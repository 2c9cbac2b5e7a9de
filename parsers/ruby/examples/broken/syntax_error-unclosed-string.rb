def greeting(name)
  "Dear #{name},
end
