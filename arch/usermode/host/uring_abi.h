/* SPDX-License-Identifier: GPL-2.0 */
/*
 * uring_abi.h - the part of the io_uring interface that the port uses.
 *
 * The host's ABI as in uapi/linux/io_uring.h, which cannot be included here: it
 * includes linux/fs.h, and in the kernel that is the kernel's own one. Unions
 * are reduced to the member in use; names and layout are the host's.
 */
#ifndef __USERMODE_HOST_URING_ABI_H
#define __USERMODE_HOST_URING_ABI_H

#include <linux/types.h>

struct uring_sqe {
	u8 opcode;		/* URING_OP_* */
	u8 flags;
	u16 ioprio;
	s32 fd;
	u64 off;
	u64 addr;		/* iovec array; fallocate: length */
	u32 len;		/* vectors; fallocate: mode */
	u32 op_flags;
	u64 user_data;
	u64 pad[3];
};

struct uring_cqe {
	u64 user_data;
	s32 res;
	u32 flags;
};

struct uring_sq_offsets {
	u32 head;
	u32 tail;
	u32 ring_mask;
	u32 ring_entries;
	u32 flags;
	u32 dropped;
	u32 array;
	u32 resv1;
	u64 user_addr;
};

struct uring_cq_offsets {
	u32 head;
	u32 tail;
	u32 ring_mask;
	u32 ring_entries;
	u32 overflow;
	u32 cqes;
	u32 flags;
	u32 resv1;
	u64 user_addr;
};

struct uring_params {
	u32 sq_entries;
	u32 cq_entries;
	u32 flags;
	u32 sq_thread_cpu;
	u32 sq_thread_idle;
	u32 features;		/* URING_FEAT_* */
	u32 wq_fd;
	u32 resv[3];
	struct uring_sq_offsets sq_off;
	struct uring_cq_offsets cq_off;
};

struct uring_probe_op {
	u8 op;
	u8 resv;
	u16 flags;		/* URING_OP_SUPPORTED */
	u32 resv2;
};

#define URING_OP_READV		1
#define URING_OP_WRITEV		2
#define URING_OP_FSYNC		3
#define URING_OP_FALLOCATE	17
#define URING_OP_PROBED		18	/* one more than the last */

#define URING_OP_SUPPORTED	0x1

struct uring_probe {
	u8 last_op;
	u8 ops_len;
	u16 resv;
	u32 resv2[3];
	struct uring_probe_op ops[URING_OP_PROBED];
};

#define URING_FEAT_SINGLE_MMAP	0x1
#define URING_FEAT_NODROP	0x2

#define URING_CQ_EVENTFD_DISABLED 0x1

#define URING_FSYNC_DATASYNC	0x1	/* op_flags */
#define URING_RWF_NOWAIT	0x8

#define URING_OFF_RINGS		0x0ULL		/* where to map what */
#define URING_OFF_SQES		0x10000000ULL

#define URING_REGISTER_EVENTFD	4
#define URING_REGISTER_PROBE	8

#endif /* __USERMODE_HOST_URING_ABI_H */
