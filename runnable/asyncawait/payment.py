"""A payment that must not end when its caller is cancelled: shield, with the task kept and not kept.

The bank's client below has only weak references to the futures that wait for an answer, as client libraries may: so a
task without another reference is garbage, together with the future that it waits for.
"""

import asyncio
import gc
import weakref

# region charge
payments = set()


async def charge(amount):
    """Keep the task until it is done. Then the shield protects it from our own cancellation."""
    payment = asyncio.create_task(pay(amount))
    payments.add(payment)
    payment.add_done_callback(payments.discard)
    return await asyncio.shield(payment)


async def charge_and_forget(amount):
    """The mistake: when this caller is cancelled, there is no reference to the payment any more."""
    return await asyncio.shield(pay(amount))
# endregion


waiting = weakref.WeakValueDictionary()  # amount: the future that waits for the bank's answer


async def pay(amount):
    waiting[amount] = answer = asyncio.get_running_loop().create_future()
    print(amount, await answer)


async def main():
    for amount, way in ((10, charge), (20, charge_and_forget)):
        caller = asyncio.create_task(way(amount))
        await asyncio.sleep(0)  # the caller begins
        await asyncio.sleep(0)  # and so does the payment
        caller.cancel()
        await asyncio.wait([caller])
        gc.collect()
        if amount in waiting:
            waiting[amount].set_result("is paid")
            await asyncio.sleep(0)
        else:
            print(amount, "is lost")


if __name__ == "__main__":
    asyncio.run(main())
