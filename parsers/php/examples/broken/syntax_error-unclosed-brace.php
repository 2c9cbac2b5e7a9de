<?php
function total(array $amounts): int {
    $sum = 0;
    foreach ($amounts as $amount) {
        $sum += $amount;
    return $sum;
}
