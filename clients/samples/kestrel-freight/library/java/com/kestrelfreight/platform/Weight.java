package com.kestrelfreight.platform;

/** How heavy something is, in kilograms. */
public final class Weight {
    private final long kilograms;

    private Weight(long kilograms) {
        this.kilograms = kilograms;
    }

    public static Weight kg(long kilograms) {
        return new Weight(kilograms);
    }

    public boolean heavierThan(Weight other) {
        return kilograms > other.kilograms;
    }

    public long getKilograms() {
        return kilograms;
    }

    @Override
    public String toString() {
        return kilograms + " kg";
    }
}
