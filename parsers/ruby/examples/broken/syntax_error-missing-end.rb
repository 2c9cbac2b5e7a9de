def total(amounts)
  sum = 0
  amounts.each do |amount|
    sum += amount
  sum
end
