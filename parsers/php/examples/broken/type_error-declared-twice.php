<?php
function fee(): int { return 3; }

function fee(): int { return 4; }
