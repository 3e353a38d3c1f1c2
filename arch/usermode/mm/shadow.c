// SPDX-License-Identifier: GPL-2.0
/*
 * shadow.c - copies of program text in which system calls are jumps (tt).
 *
 * A call that comes by a trap from a site (asm/sites.h) in a mapped file gets
 * its page a shadow: a copy with a jump in the site's place, which
 * tlb.c from then on maps executable wherever the page is. The page itself is what
 * everybody else sees: read(), ptrace, core files, probes. A shadow that is mapped
 * is never edited: the next site gets a new copy. Old copies still serve whoever
 * has them mapped, and are freed together, when no space will run with them again.
 *
 * Writing to the file drops its shadows (fsnotify tells), and so does a mapping
 * through which the page can be written. Anonymous pages never get one: what is
 * written by a program or by a debugger, a probe's page included, is its own copy.
 *
 * Locks: shadow_mutex for everything, taken inside mmap_lock and inode locks;
 * shadow_lock inside it and inside page table locks, for the hash and what tlb.c
 * looks at. Contexts: site_trapped() and the work may sleep, the rest is atomic.
 */
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/file.h>
#include <linux/fsnotify_backend.h>
#include <linux/hashtable.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <asm/host.h>
#include <asm/pgwalk.h>
#include <asm/platform.h>
#include <asm/sites.h>
#include <asm/unistd.h>

#define SHADOW_SITES	24	/* sites in a page; more stay traps */
#define RETIRED_MAX	64	/* old copies that wait for being freed */
#define HALVES_MAX	16	/* jumps to the middle of a site before it is restored */

struct shadow_site {
	u16 number;		/* below SITES */
	u16 end;		/* offset in the page */
	u8 halves;
	bool restored;
};

struct shadow {
	struct hlist_node node;
	struct list_head list;
	struct page *page;	/* what it is a copy of; a reference is held */
	void *copy;
	unsigned int slot;
	unsigned int nr;
	bool written;		/* the page can be written: to be dropped */
	bool worn;		/* some site is to be restored */
	struct shadow_site site[SHADOW_SITES];
};

static DEFINE_MUTEX(shadow_mutex);
static DEFINE_SPINLOCK(shadow_lock);
static DEFINE_HASHTABLE(shadows, 8);	/* by page frame */
static LIST_HEAD(all_shadows);
static LIST_HEAD(retired);		/* pages */
static unsigned int nr_retired;
static DECLARE_BITMAP(slots_taken, SITE_SLOTS);
static DECLARE_BITMAP(sites_taken, SITES);
static struct fsnotify_group *watchers;

/* for debugfs */
static u32 nr_shadows, nr_sites;
static u64 nr_traps, nr_halves;

static bool rewrite = true;

static int __init rewrite_switch(char *text)
{
	return kstrtobool(text, &rewrite);
}
early_param("rewrite", rewrite_switch);

/* shadow_lock is held */
static struct shadow *find(const struct page *page)
{
	struct shadow *s;

	hash_for_each_possible(shadows, s, node, page_to_pfn(page))
		if (s->page == page)
			return s;
	return NULL;
}

/* ---- the end of shadows -------------------------------------------------- */

static void forget_slots(void)
{
	unsigned long flags;

	local_irq_save(flags);
	platform_slots_forget();
	local_irq_restore(flags);
}

static void free_retired(void)
{
	struct page *page, *next;

	forget_slots();
	list_for_each_entry_safe(page, next, &retired, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
	nr_retired = 0;
}

static void retire(void *copy)
{
	list_add(&virt_to_page(copy)->lru, &retired);
	if (++nr_retired >= RETIRED_MAX)
		free_retired();
}

static void drop(struct shadow *s)
{
	unsigned int i;

	lockdep_assert_held(&shadow_mutex);
	spin_lock_irq(&shadow_lock);
	hash_del(&s->node);
	spin_unlock_irq(&shadow_lock);
	list_del(&s->list);
	forget_slots();
	for (i = 0; i < s->nr; i++)
		__clear_bit(s->site[i].number, sites_taken);
	__clear_bit(s->slot, slots_taken);
	nr_sites -= s->nr;
	nr_shadows--;
	free_page((unsigned long)s->copy);
	put_page(s->page);
	kfree(s);
}

/* those of pages that are in no file any more, and all of @mapping, if that is set */
static void drop_mapping(const struct address_space *mapping)
{
	struct shadow *s, *next;

	list_for_each_entry_safe(s, next, &all_shadows, list) {
		const struct address_space *of = READ_ONCE(page_folio(s->page)->mapping);

		if (!of || of == mapping)
			drop(s);
	}
}

static int text_modified(struct fsnotify_mark *mark, u32 mask, struct inode *inode,
			 struct inode *dir, const struct qstr *name, u32 cookie)
{
	guard(mutex)(&shadow_mutex);
	drop_mapping(inode->i_mapping);
	return 0;
}

static void free_mark(struct fsnotify_mark *mark)
{
	kfree(mark);
}

static const struct fsnotify_ops watch_ops = {
	.handle_inode_event	= text_modified,
	.free_mark		= free_mark,
};

/* be told when the file changes; the inode may go as if nobody watched */
static int watch(struct inode *inode)
{
	struct fsnotify_mark *mark = fsnotify_find_inode_mark(inode, watchers);
	int err = 0;

	if (!mark) {
		mark = kzalloc(sizeof(*mark), GFP_KERNEL);
		if (!mark)
			return -ENOMEM;
		fsnotify_init_mark(mark, watchers);
		mark->mask = FS_MODIFY;
		mark->flags = FSNOTIFY_MARK_FLAG_NO_IREF;
		err = fsnotify_add_inode_mark(mark, inode, 0);
	}
	fsnotify_put_mark(mark);
	return err;
}

/* ---- making shadows ------------------------------------------------------ */

static struct shadow *make(struct page *page)
{
	unsigned int slot = find_first_zero_bit(slots_taken, SITE_SLOTS);
	struct shadow *s;

	if (slot == SITE_SLOTS) {
		drop_mapping(NULL);
		slot = find_first_zero_bit(slots_taken, SITE_SLOTS);
	}
	if (slot == SITE_SLOTS)
		return NULL;
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return NULL;
	s->copy = (void *)__get_free_page(GFP_KERNEL);
	if (!s->copy) {
		kfree(s);
		return NULL;
	}
	copy_page(s->copy, page_address(page));
	get_page(page);
	s->page = page;
	s->slot = slot;
	__set_bit(slot, slots_taken);
	list_add(&s->list, &all_shadows);
	nr_shadows++;
	spin_lock_irq(&shadow_lock);
	hash_add(shadows, &s->node, page_to_pfn(page));
	spin_unlock_irq(&shadow_lock);
	return s;
}

/* a new copy in which @site is a jump, or is restored */
static bool change(struct shadow *s, const struct shadow_site *site, bool jump)
{
	unsigned int at = site->end - SITE_BYTES;
	const u8 *code = page_address(s->page) + at;
	u8 *copy = (u8 *)__get_free_page(GFP_KERNEL);
	void *old = s->copy;

	if (!copy)
		return false;
	copy_page(copy, old);
	if (jump)
		platform_site_set(site->number, s->slot, site->end, copy + at);
	else
		memcpy(copy + at, code, SITE_BYTES);
	spin_lock_irq(&shadow_lock);
	s->copy = copy;
	spin_unlock_irq(&shadow_lock);
	retire(old);
	return true;
}

static struct shadow_site *site_at(struct shadow *s, unsigned int end)
{
	unsigned int i;

	for (i = 0; i < s->nr; i++)
		if (s->site[i].end == end)
			return &s->site[i];
	return NULL;
}

/* true: where the shadow is not mapped, or is an old copy, it should be */
static bool add_site(struct shadow *s, unsigned int end)
{
	unsigned int number = find_first_zero_bit(sites_taken, SITES);
	struct shadow_site *site = site_at(s, end);

	if (site)
		return !site->restored;
	if (s->nr == SHADOW_SITES || number == SITES)
		return false;
	site = &s->site[s->nr];
	*site = (struct shadow_site) { .number = number, .end = end };
	if (!change(s, site, true))
		return false;
	__set_bit(number, sites_taken);
	nr_sites++;
	/* site_half() may look from now on */
	WRITE_ONCE(s->nr, s->nr + 1);
	return true;
}

/* ---- calls that came by a trap ------------------------------------------- */

/* a page of a file's text at @addr that nobody can write, referenced */
static struct page *text_page(struct mm_struct *mm, unsigned long addr, struct file **file)
{
	const unsigned long wanted = VM_EXEC, unwanted = VM_WRITE | VM_SHARED;
	struct vm_area_struct *vma;
	struct page *page = NULL;
	struct pgwalk walk;
	pte_t pte;

	if (!mmap_read_trylock(mm))
		return NULL;
	vma = vma_lookup(mm, addr);
	if (!vma || !vma->vm_file || (vma->vm_flags & (wanted | unwanted)) != wanted)
		goto out;
	if (!pgwalk_lock(mm, addr, true, &walk))
		goto out;
	pte = pgwalk_get(&walk, addr);
	if (pte_present(pte) && pfn_valid(pte_pfn(pte))) {
		page = pte_page(pte);
		if (folio_mapping(page_folio(page)) == vma->vm_file->f_mapping) {
			get_page(page);
			*file = get_file(vma->vm_file);
		} else {
			page = NULL;
		}
	}
	pgwalk_unlock(&walk);
out:
	mmap_read_unlock(mm);
	return page;
}

static bool may_change(struct inode *inode)
{
	return mapping_writably_mapped(inode->i_mapping) || inode_is_open_for_write(inode);
}

static bool rewrite_site(struct page *page, struct inode *inode, unsigned int end)
{
	struct shadow *s;

	guard(mutex)(&shadow_mutex);
	spin_lock_irq(&shadow_lock);
	s = find(page);
	spin_unlock_irq(&shadow_lock);
	if (!s) {
		if (may_change(inode) || watch(inode))
			return false;
		s = make(page);
	}
	return s && !s->written && add_site(s, end);
}

static bool is_site(const u8 *code, unsigned int nr)
{
	static const u8 second[SITE_HALF] = SITE_MOV_R9;
	u32 number;

	if (code[SITE_HALF] != 0x0f || code[SITE_HALF + 1] != 0x05 || nr == __NR_rt_sigreturn)
		return false;
	memcpy(&number, code + 1, sizeof(number));
	return code[0] == SITE_MOV_EAX ? number == nr : !memcmp(code, second, SITE_HALF);
}

void site_trapped(unsigned long ip, unsigned int nr)
{
	unsigned long start = ip - SITE_BYTES, flags;
	struct mm_struct *mm = current->mm;
	struct file *file = NULL;
	u8 code[SITE_BYTES];
	struct page *page;
	bool done;

	nr_traps++;
	if (!rewrite || !watchers || offset_in_page(start) > PAGE_SIZE - SITE_BYTES ||
	    copy_from_user_nofault(code, (const void __user *)start, SITE_BYTES) ||
	    !is_site(code, nr))
		return;
	page = text_page(mm, start, &file);
	if (!page)
		return;
	done = rewrite_site(page, file_inode(file), offset_in_page(start) + SITE_BYTES);
	fput(file);
	put_page(page);
	if (!done)
		return;
	/* what is mapped instead is found by the next fault */
	local_irq_save(flags);
	space_ops->unmap(mm->context.space, start & PAGE_MASK, PAGE_SIZE);
	local_irq_restore(flags);
}

void sites_hide(void)
{
	struct space *space = current->mm->context.space;
	unsigned long flags;

	local_irq_save(flags);
	if (space_ops->usable(space))
		platform_space_plain(space);
	local_irq_restore(flags);
}

/* ---- jumps to the middle of a site --------------------------------------- */

static void repair(struct work_struct *work)
{
	struct shadow *s, *next;
	unsigned int i;

	guard(mutex)(&shadow_mutex);
	list_for_each_entry_safe(s, next, &all_shadows, list) {
		if (s->written) {
			drop(s);
			continue;
		}
		for (i = 0; s->worn && i < s->nr; i++) {
			struct shadow_site *site = &s->site[i];

			if (site->halves < HALVES_MAX || site->restored)
				continue;
			site->restored = change(s, site, false);
		}
		s->worn = false;
	}
	forget_slots();
}

static DECLARE_WORK(repair_work, repair);

static bool half_of(struct shadow *s, unsigned int end)
{
	struct shadow_site *site = s ? site_at(s, end) : NULL;

	if (!site)
		return false;
	nr_halves++;
	if (site->halves < HALVES_MAX && ++site->halves == HALVES_MAX) {
		s->worn = true;
		schedule_work(&repair_work);
	}
	return true;
}

bool site_half(unsigned long ip)
{
	unsigned int end = offset_in_page(ip) + SITE_BYTES - SITE_HALF;
	struct page *page = NULL;
	struct pgwalk walk;
	bool half;
	pte_t pte;

	if (!pgwalk_lock(current->mm, ip, true, &walk))
		return false;
	pte = pgwalk_get(&walk, ip);
	if (pte_present(pte) && pfn_valid(pte_pfn(pte)))
		page = pte_page(pte);
	spin_lock(&shadow_lock);
	half = page && half_of(find(page), end);
	spin_unlock(&shadow_lock);
	pgwalk_unlock(&walk);
	return half;
}

/* ---- what is mapped ------------------------------------------------------ */

/* does @mm still have @page at @va? If not, what was mapped there is flushed */
static bool still_there(struct mm_struct *mm, unsigned long va, const struct page *page)
{
	pte_t pte = pgwalk_peek(mm, va);

	return pte_present(pte) && pte_pfn(pte) == page_to_pfn(page);
}

static bool place(struct mm_struct *mm, const struct shadow *s, unsigned long va)
{
	struct space *space = mm->context.space;
	unsigned long where = platform_slot_where(space, s->slot);

	if (where == va)
		return true;
	/* one address in each space: the gate knows no more */
	if (where == 1 || (where && still_there(mm, where, s->page)))
		return false;
	platform_slot_place(space, s->slot, va);
	return true;
}

static void found_writable(struct shadow *s)
{
	if (s->written)
		return;
	s->written = true;
	forget_slots();
	schedule_work(&repair_work);
}

u64 shadow_phys(struct mm_struct *mm, unsigned long va, u64 phys, int prot)
{
	unsigned long flags;
	struct shadow *s;

	if (!READ_ONCE(nr_shadows) || !(prot & (HOST_PROT_EXEC | HOST_PROT_WRITE)) ||
	    !pfn_valid(phys >> PAGE_SHIFT))
		return phys;
	spin_lock_irqsave(&shadow_lock, flags);
	s = find(pfn_to_page(phys >> PAGE_SHIFT));
	if (s && prot & HOST_PROT_WRITE)
		found_writable(s);
	else if (s && !s->written && place(mm, s, va))
		phys = virt_to_phys(s->copy);
	spin_unlock_irqrestore(&shadow_lock, flags);
	return phys;
}

/* ---- start --------------------------------------------------------------- */

static int __init shadow_init(void)
{
	struct fsnotify_group *group;
	struct dentry *dir;

	if (!platform_sites_exist())
		return 0;
	dir = debugfs_create_dir("usermode", NULL);
	debugfs_create_u32("sites", 0444, dir, &nr_sites);
	debugfs_create_u32("shadows", 0444, dir, &nr_shadows);
	debugfs_create_u64("traps", 0444, dir, &nr_traps);
	debugfs_create_u64("halves", 0444, dir, &nr_halves);
	group = fsnotify_alloc_group(&watch_ops, 0);
	if (IS_ERR(group))
		return PTR_ERR(group);
	watchers = group;
	return 0;
}
fs_initcall_sync(shadow_init);
