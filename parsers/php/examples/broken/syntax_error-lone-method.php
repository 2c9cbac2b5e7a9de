public function fee(): int {
    return 3 +;
}
