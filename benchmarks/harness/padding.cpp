// Bytes at the front of a program's code, so that another link of the same objects lays all code out elsewhere.
//
// Address-space randomisation moves code by whole pages only: where a loop starts within a cache line is decided by the
// link, and would otherwise be the same in every process that is ever measured.
#define POOLMARK_TEXT(number) #number
#define POOLMARK_TEXT_OF(number) POOLMARK_TEXT(number)

asm(".text\n.skip " POOLMARK_TEXT_OF(POOLMARK_CODE_PADDING) "\n");
