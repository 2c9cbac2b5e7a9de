<?php
// Calls a function of candidate.php with the arguments of each line, and tells what came of it.

error_reporting(E_ALL & ~E_DEPRECATED);
ini_set('display_errors', '0');
ini_set('memory_limit', '512M');
ini_set('serialize_precision', '-1');
set_error_handler(function (int $level, string $message): bool {
    if (preg_match('/^Undefined (?:array key|offset|index)/', $message)) {
        throw new OutOfBoundsException($message);
    }
    return true;
});

function fedtranslate_read($value)
{
    if (is_array($value)) {
        return array_map('fedtranslate_read', $value);
    }
    if (is_object($value)) {
        if (isset($value->float)) {
            return ['NaN' => NAN, 'Infinity' => INF, '-Infinity' => -INF][$value->float];
        }
        $table = [];
        foreach ($value->map as [$key, $one]) {
            $table[fedtranslate_read($key)] = fedtranslate_read($one);
        }
        return $table;
    }
    return $value;
}

function fedtranslate_show($value)
{
    if (is_float($value) && !is_finite($value)) {
        return ['float' => is_nan($value) ? 'NaN' : ($value > 0 ? 'Infinity' : '-Infinity')];
    }
    if (is_array($value) && array_is_list($value)) {
        return array_map('fedtranslate_show', $value);
    }
    if (is_array($value)) {
        $pairs = [];
        foreach ($value as $key => $one) {
            $pairs[] = [$key, fedtranslate_show($one)];
        }
        return ['map' => $pairs];
    }
    return is_object($value) ? ['other' => get_class($value)] : $value;
}

function fedtranslate_find(string $path)
{
    if (!str_contains($path, '::')) {
        return $path;
    }
    [$class, $name] = explode('::', $path);
    $method = new ReflectionMethod($class, $name);
    return $method->getClosure($method->isStatic() ? null : new $class());
}

function fedtranslate_main(string $path): void
{
    ob_start();
    require 'candidate.php';
    ob_end_clean();
    $called = fedtranslate_find($path);
    foreach (file('php://stdin', FILE_IGNORE_NEW_LINES) as $number => $line) {
        $given = fedtranslate_read(json_decode($line, false, 512, JSON_THROW_ON_ERROR));
        fwrite(STDOUT, "\x1e$number\n");
        $told = ['call' => $number];
        ob_start();
        try {
            $references = [];
            foreach ($given as $place => $_) {
                $references[] = &$given[$place];
            }
            $told['result'] = fedtranslate_show(call_user_func_array($called, $references));
        } catch (Throwable $error) {
            unset($told['result']);
            $told['exception'] = get_class($error) . ': ' . $error->getMessage();
        }
        fwrite(STDOUT, ob_get_clean());
        $told['arguments'] = array_map('fedtranslate_show', $given);
        $text = json_encode($told, JSON_PRESERVE_ZERO_FRACTION | JSON_INVALID_UTF8_SUBSTITUTE);
        fwrite(STDERR, "\x1e$text\n");
    }
}

fedtranslate_main($argv[1]);
