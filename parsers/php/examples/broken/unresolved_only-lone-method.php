abstract protected function balance(int $fee): int;
