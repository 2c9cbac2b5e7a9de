async balance(deposits, ) {
  return await deposits.sum(;
}
