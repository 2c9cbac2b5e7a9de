#!/usr/bin/env php
<?php
/*
 * A licence text that belongs to the file, not to the class below it.
 */
declare(strict_types=1);

namespace Example\Billing;

use DateTimeInterface;
use Example\{Item, Fault as Trouble};

const LIMIT = 10; // no unit, and no doc of the next one
#[Attribute]
/** Money that came and went. */
abstract class Ledger extends Base implements \IteratorAggregate
{
    use Audited;

    protected static ?Ledger $last = null;

    // Why there is a limit:
    # see the contract.
    /** Makes an empty ledger. */
    public function __construct(private readonly int $limit = LIMIT, protected array &$entries = [])
    {
        parent::__construct();
        $this->limit = $limit;
    }

    /* far above: not part of it */

    #[Pure(reason: "a } in a [string]"), Other]
    #[\Override]
    public function getIterator(): \Traversable
    {
        return new class($this->entries) implements \IteratorAggregate {
            public function getIterator(): \Traversable { yield from []; }
        };
    }

    final public static function group(callable|string $by, ?DateTimeInterface $when, int ...$sizes): array
    {
        $found = [];
        foreach (self::$last?->entries ?? [] as $place => ['amount' => $amount]) {
            $found[$by($amount)][] = array_map(fn (int $size): int => $size * $amount, $sizes);
        }
        $text = <<<"END"
            A total of {$found['x']} } in a
            text of $amount
            END . <<<'RAW'
        $raw }
        RAW;
        return $found;
    }

    abstract protected function &open(int $a, $b = 'it\'s {');
}

interface Entry
{
    public function amount(): int|float;
}

trait Audited
{
    function by(): string { return 'nobody'; }
}

enum State: string
{
    case Open = 'o';

    public static function of(string $letter): self
    {
        return match (true) { $letter === 'o' => self::Open, default => throw new Trouble($letter) };
    }
}

if (!function_exists('Example\Billing\größe')) {
    /** A function among statements. */
    function größe(iterable $entries, Entry|null &...$more): int
    {
        function inner() {}
        return count([...$entries, ...$more]);
    }
}
?>
<p>Text of a page, with <b>function words() {}</b>.</p>
<?php foreach ($ledgers as $ledger): ?>
    <li><?= htmlspecialchars($ledger->name) ?></li>
<?php endforeach;

function after(): void {}
