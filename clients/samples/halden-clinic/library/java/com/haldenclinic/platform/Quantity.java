package com.haldenclinic.platform;

/** A measured value and its unit. */
public final class Quantity {
    private final double amount;
    private final String unit;

    private Quantity(double amount, String unit) {
        this.amount = amount;
        this.unit = unit;
    }

    public static Quantity of(double amount, String unit) {
        return new Quantity(amount, unit);
    }

    public boolean above(Quantity other) {
        return unit.equals(other.unit) && amount > other.amount;
    }

    public double getAmount() {
        return amount;
    }

    public String getUnit() {
        return unit;
    }

    @Override
    public String toString() {
        return amount + " " + unit;
    }
}
