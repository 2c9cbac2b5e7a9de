# frozen_string_literal: true

=begin
A licence text that belongs to the file, not to the code below it.
=end

require 'forwardable'

module Billing
  LIMIT = 10 # no unit, and no doc of the next one
  # Money that came and went.
  class Ledger < Base
    extend Forwardable
    include Enumerable

    attr_reader :entries, :limit
    def_delegators :@entries, :size, :<<

    # Why there is a limit:
    # see the contract.
    def initialize(limit = LIMIT, *more, scale: 1.0, name:, **names, &order)
      @limit = limit
      @entries = more.map { |entry| entry * scale }
    end

    # far above: not part of it

    def each
      return enum_for(:each) unless block_given?

      @entries.each { |entry| yield entry }
    end

    def self.make((low, high), text = "a } \#{in} #{['x', "y"].join("}")}") = new(low..high, name: text)

    class << self
      def empty? = true
    end

    def [](place) @entries[place] end

    def limit=(value)
      raise ArgumentError, <<~TEXT.strip, caller unless value&.positive?
        def not_a_method(value)
          #{value} end
      TEXT

      @limit = value
    end

    def ==(other)
      def other.helper; end
      other.is_a?(Ledger) && limit == other.limit
    end

    private def total(by: ->(entry) { entry.amount }) = sum { |entry| by.(entry) / 2 }

    Range = Struct.new(:from, :to) do
      def length
        to - from
      end
    end

    Fault = Class.new(StandardError)
  end
end

class Billing::Entry
  def größe = %w[def end]
end

# A method of no class.
def report(ledgers)
  ledgers.each_with_index.map do |ledger, index|
    case ledger
    in { limit: Integer => limit } if limit > 3 then "#{index}: #{limit}"
    else nil
    end
  end
end

if __FILE__ == $PROGRAM_NAME
  def main() = puts(report([Billing::Ledger.make([1, 2])]) =~ /def "x"/)
end
