# Calls a method of candidate.rb with the arguments of each line, and tells what came of it.
require "json"
require "set"

def fedtranslate_read(value)
  case value
  when Array then value.map { |one| fedtranslate_read(one) }
  when Hash
    if value.key?("float")
      { "NaN" => Float::NAN, "Infinity" => Float::INFINITY,
        "-Infinity" => -Float::INFINITY }.fetch(value["float"])
    else
      value["map"].to_h { |key, one| [fedtranslate_read(key), fedtranslate_read(one)] }
    end
  else value
  end
end

def fedtranslate_show(value)
  case value
  when nil, true, false, Integer then value
  when Float
    return value if value.finite?

    { "float" => value.nan? ? "NaN" : (value.positive? ? "Infinity" : "-Infinity") }
  when String then value.dup.force_encoding("UTF-8").scrub
  when Symbol then value.to_s
  when Array then value.map { |one| fedtranslate_show(one) }
  when Hash then { "map" => value.map { |pair| pair.map { |one| fedtranslate_show(one) } } }
  when Set then { "set" => value.map { |one| fedtranslate_show(one) } }
  else { "other" => value.class.name }
  end
end

def fedtranslate_find(path)
  container, _, name = path.rpartition("::")
  return method(name) if container.empty?

  owner = Object.const_get(container)
  owner.respond_to?(name) ? owner.method(name) : owner.new.method(name)
end

answers = $stderr.dup
$stdout.sync = true
lines = $stdin.set_encoding("UTF-8").readlines(chomp: true)
load "./candidate.rb"
called = fedtranslate_find(ARGV.first)
lines.each_with_index do |line, number|
  given = fedtranslate_read(JSON.parse(line))
  $stdout.write("\u001e#{number}\n")
  told = { "call" => number }
  begin
    told["result"] = fedtranslate_show(called.call(*given))
  rescue Exception => error
    told["exception"] = "#{error.class}: #{error.message}"[0, 500]
  end
  told["arguments"] = given.map { |one| fedtranslate_show(one) }
  answers.write("\u001e#{JSON.generate(told)}\n")
end
