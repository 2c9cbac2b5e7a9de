def twice(amount)
  (amount * 2))
end
