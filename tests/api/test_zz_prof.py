import time, asyncio, threading
from tests.api.reading import read_by_many, reading
from tests.engine.service.running import client_of
def test_x(mirror):
    for n in (0, 5):
        cm = read_by_many(mirror)
        url = cm.__enter__()
        async def go():
            async with client_of(url) as c:
                for _ in range(n): await asyncio.gather(*(c.get("/tasks?limit=%d"%(i+1)) for i in range(8)))
        asyncio.run(go())
        t=time.perf_counter(); cm.__exit__(None,None,None); print("stop after",n, time.perf_counter()-t)
