/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kvm_para.h - what the kernel's detectors of hangs ask a virtual machine; the name
 * is theirs. There is no KVM here.
 */
#ifndef __ASM_USERMODE_KVM_PARA_H
#define __ASM_USERMODE_KVM_PARA_H

#include <uapi/asm-generic/kvm_para.h>

/**
 * kvm_check_and_clear_guest_paused - was the machine paused since the last question?
 *
 * If so, the detectors of hangs are told to begin anew.
 * Context: any. Return: the answer.
 */
bool kvm_check_and_clear_guest_paused(void);

static inline unsigned int kvm_arch_para_features(void)
{
	return 0;
}

static inline unsigned int kvm_arch_para_hints(void)
{
	return 0;
}

static inline bool kvm_para_available(void)
{
	return false;
}

#endif
