def fee(amount)
  amount *
end
