/*
 * A licence text that belongs to the file, not to the class below it.
 */
@file:JvmName("Billing")

package org.example.billing

import java.math.BigDecimal as Money
import kotlin.collections.*

private const val LIMIT = 10 // no unit, and no doc of the next one
/** Money that came and went. */
@Suppress("unused")
open class Ledger<T : Entry>(private val limit: Int = LIMIT) : Book(limit), Iterable<T> {
    private val entries = mutableListOf<T>()

    // Why there is a limit:
    // see the contract.
    constructor(name: String, vararg first: T) : this(first.size) {
        entries.addAll(first)
    }

    init {
        require(limit > 0) { "a } in a string: ${limit.let { "$it" }}" }
    }

    /* far above: not part of it */

    /** What is in it. */
    val total: Money
        get() = entries.fold(Money.ZERO) { sum, one -> sum + one.amount }

    var name: String = "none"
        get() = field.trim()
        private set(value) {
            field = value
        }

    val lines by lazy { entries.map { it.toString() } }

    @Throws(Fault::class)
    override operator fun iterator(): Iterator<T> = object : Iterator<T> {
        override fun hasNext(): Boolean = false

        override fun next(): T = throw NoSuchElementException()
    }

    suspend inline fun <reified K> group(by: Map<K, T?>, crossinline map: (T, Int) -> K = { _, _ -> error("no map") }): K? {
        fun inner() = 1
        return when (by.size) {
            0, 1 -> null
            else -> by.keys.first()
        }
    }

    protected abstract fun open(a: Int, b: Long = 1): Int

    companion object {
        @JvmStatic
        fun of(vararg amounts: Int): Ledger<Entry> {
            return Ledger(amounts.size)
        }
    }

    enum class State(val open: Boolean) {
        OPEN(true) {
            override fun label() = "open"
        },
        CLOSED(false);

        open fun label(): String = name.toLowerCase()
    }

    inner class Cursor
}

sealed class Shape {
    data class Circle(val radius: Double) : Shape()
    object Nothing : Shape()
}

fun interface Source {
    fun read(): Int
}

interface Named {
    val näme: String
        get() = "ünïcode"
}

object Registry {
    fun find(`in`: String): Named? {
        return null
    }
}

typealias Groups<K> = Map<K, List<Entry>>

val shout = { text: String -> text.toUpperCase() }

// Sums.
infix fun Int?.plusAll(others: List<Int>): Int = (this ?: 0) + others.sum()
