package com.haldenclinic.samples;

import com.haldenclinic.platform.LabError;
import com.haldenclinic.platform.Maybe;
import com.haldenclinic.platform.Trace;
import com.haldenclinic.platform.Urgency;

/** A tube with something of a patient in it. */
public final class Specimen {
    private final String m_barcode;
    private final String m_patient;
    private final String m_material;
    private final Urgency m_urgency;
    private String m_place = "reception";

    public Specimen(String barcode, String patient, String material, Urgency urgency) {
        m_barcode = barcode;
        m_patient = patient;
        m_material = material;
        m_urgency = urgency;
    }

    public String getBarcode() {
        return m_barcode;
    }

    public String getPatient() {
        return m_patient;
    }

    public String getMaterial() {
        return m_material;
    }

    public String getPlace() {
        return m_place;
    }

    public boolean isEmergency() {
        return m_urgency == Urgency.EMERGENCY;
    }

    public void moveTo(String place) {
        if (place == null) {
            throw new LabError("a specimen has to be somewhere");
        }
        m_place = place;
        Trace.step("specimen moved", m_barcode);
    }

    public Maybe<String> shelf() {
        if (!m_place.startsWith("shelf")) {
            return Maybe.none();
        }
        return Maybe.some(m_place.substring(6));
    }

    public String label() {
        return m_barcode + " " + m_material.toUpperCase();
    }
}
