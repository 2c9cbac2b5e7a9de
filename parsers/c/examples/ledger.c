/*
 * A licence text that belongs to the file, not to the code below it.
 */
#include <stdio.h>
#include "ledger.h"

#define LIMIT 10 /* no unit, and no doc of the next one */
/** Money that came and went. */
struct ledger {
    struct entry *entries;
    union { int whole; double part; } value;
    int (*order)(const struct entry *a, const struct entry *b);
};

typedef struct {
    long amount;
    char *text;
} entry_t, *entry_p;

enum state { OPEN = 'o', SHUT = '\'' } current = OPEN;

typedef enum color { RED, GREEN } color;

static int total(const struct ledger *book); // a prototype is no unit

/* far above: not part of it */

// Why there is a limit:
// see the contract. \
   It goes on here.
/* Counts what is there. */
static inline int count(const struct ledger *book, int sizes[LIMIT][2], char **names, ...)
{
    int found = 0;
    for (int i = 0; i < LIMIT; i++) {
        if (book->order && sizes[i][0] > 0)
            found += sizes[i][1];
        else if (names[i] == NULL)
            break;
    }
    printf("%d } in a string\n"
           "%s", found, "/* no comment */");
    return found;
}

#ifdef LEDGER_SORTED
struct entry *first(struct ledger *book) { return book->entries; }
#else
struct entry *first(struct ledger *book)
{
    goto end;
end:
    return NULL;
}
#endif

int main(void)
{
    struct local { int a; } l = { .a = 1 };
    int (*f)(int) = &(int){0} ? NULL : NULL;
    return l.a + sizeof(struct local);
}

char **(pick)(int (*by)(int a, int b), unsigned long long, void *const restrict into, const char *[3])
{
    switch (by(1, 2)) {
    case 1: { return into; }
    default: return 0;
    }
}

int (*sorter(int kind, struct { int a; } *what))(int, int) { return 0; }

__attribute__((noreturn)) void stop(int code) { for (;;) ; }

int old_style(a, b)
    int a;
    char *b;
{
    return a + *b;
}
