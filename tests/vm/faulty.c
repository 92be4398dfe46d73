// SPDX-License-Identifier: GPL-2.0
/*
 * A module that makes the mistakes a debug kernel is there to find, one of each, and refuses to
 * load. That none of them goes unnoticed is what makes an empty log of another module's mean
 * anything. The order matters: lockdep gives up at its first deadlock, and at KASAN's first report.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#define LEAKS 8		/* a register or a dead stack slot may still point to one or two */

static DEFINE_SPINLOCK(first);
static DEFINE_SPINLOCK(second);
static int __rcu *shared;

static void leak(void)
{
	void *volatile lost;
	int i;

	for (i = 0; i < LEAKS; i++)
		lost = kmalloc(128, GFP_KERNEL);
	lost = NULL;
}

static void sleep_under_spinlock(void)
{
	spin_lock(&first);
	might_sleep();
	spin_unlock(&first);
}

static void read_without_rcu(void)
{
	(void)rcu_dereference(shared);
}

static void expire(struct timer_list *timer)
{
}

static void free_active_timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, expire, 0);
	mod_timer(timer, jiffies + HZ);
	kfree(timer);	/* the checker stops the timer */
}

static void delete_twice(void)
{
	struct list_head head, entry;

	INIT_LIST_HEAD(&head);
	list_add(&entry, &head);
	list_del(&entry);
	list_del(&entry);
}

static void lock_in_both_orders(void)
{
	spin_lock(&first);
	spin_lock(&second);
	spin_unlock(&second);
	spin_unlock(&first);
	spin_lock(&second);
	spin_lock(&first);
	spin_unlock(&first);
	spin_unlock(&second);
}

static void read_after_free(void)
{
	volatile int *freed = kmalloc(sizeof(*freed), GFP_KERNEL);

	if (!freed)
		return;
	kfree((void *)freed);
	(void)*freed;
}

static int __init faulty_init(void)
{
	leak();
	sleep_under_spinlock();
	read_without_rcu();
	free_active_timer();
	delete_twice();
	lock_in_both_orders();
	read_after_free();
	return -ECANCELED;
}
module_init(faulty_init);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Mistakes, for a debug kernel to find");
