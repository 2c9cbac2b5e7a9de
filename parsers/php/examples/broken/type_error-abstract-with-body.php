<?php
abstract class Account
{
    abstract public function balance(): int { return 0; }
}
