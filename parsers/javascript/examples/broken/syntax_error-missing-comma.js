export const rates = {
  low: 1
  high: 2,
};
