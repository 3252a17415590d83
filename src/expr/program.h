/* program.h -- compiled expressions: a graph of nodes in which equal parts are one node, and the
 * frames in which nodes are evaluated.
 *
 * A frame is a set of rows of one batch. Each node is computed at most once a frame, for all its
 * rows. What must not see every row (a branch of CASE, the right side of AND) is computed in a
 * child frame with fewer rows; a child takes what its parents have computed already by gathering.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_PROGRAM_H
#define WEIR_PROGRAM_H

#include "expr/compare.h"
#include "expr/expr.h"

typedef struct PNode PNode;
struct PNode {
    const Expr *expr;
    PNode **args;
    uint32_t n_args;
    uint32_t id;
    uint64_t hash;
    bool is_const;  /* one value for all rows of a step */
    bool can_fail;  /* somewhere below: not computed for rows that do not need it */
    bool is_cheap;  /* computing it for all rows costs less than narrowing */
    CmpOp cmp;      /* a comparison that has a selecting loop, or CMP_NONE */
    void *prepared; /* CALL: of Fn.prepare */
};

struct Program {
    Arena *arena;
    PNode **nodes; /* arguments before those who use them */
    uint32_t n_nodes, cap;
    uint32_t *slots; /* nodes by hash: index + 1, 0 = free */
    uint32_t n_slots;
    PNode **roots;
    uint32_t n_roots;
};

typedef struct Frame Frame;
struct Frame {
    const Program *program;
    const Batch *in;
    ExprEnv *env;
    Arena *scratch;
    uint32_t n;           /* rows */
    const uint32_t *rows; /* physical rows of the batch; NULL = all of them in order */
    Frame *parent;
    const uint32_t *map;   /* rows of the parent */
    const Column **values; /* by node id; NULL = not computed */
};

void frame_init(Frame *f, const Program *program, const Batch *in, const ExprEnv *env,
                Arena *scratch);
/* The rows `map[0..n)` of the parent; map must outlive the frame. */
void frame_narrow(Frame *f, Frame *parent, const uint32_t *map, uint32_t n);

/* The node's value for all rows of the frame (n > 0): flat, or a constant of f->n rows. */
Status frame_eval(Frame *f, const PNode *node, const Column **out, Err *err) WARN_UNUSED;

/* The special forms: eval_logic.c, eval_case.c. */
Status eval_logic(Frame *f, const PNode *node, Column *out, Err *err) WARN_UNUSED;
Status eval_case(Frame *f, const PNode *node, Column *out, Err *err) WARN_UNUSED;
Status eval_coalesce(Frame *f, const PNode *node, Column *out, Err *err) WARN_UNUSED;

/* A condition for rows rows[0..n) of the frame (NULL = all f->n): computed for those only when it
 * matters. The value of row rows[i] is at index i when *by_list, else at rows[i]. */
Status eval_partly(Frame *f, const PNode *node, const uint32_t *rows, uint32_t n,
                   const Column **out, bool *by_list, Err *err) WARN_UNUSED;

#endif
