// The rival: PostGraphile over the same tables. With BENCH_REACH behind the same row level security.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PgAggregatesPreset } from "@graphile/pg-aggregates";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const { BENCH_HOST, BENCH_DATABASE, BENCH_PORT, BENCH_REACH } = process.env;
const reach = BENCH_REACH ? JSON.parse(BENCH_REACH) : null;

const server = postgraphile({
  extends: [PostGraphileAmberPreset, PgAggregatesPreset],
  disablePlugins: ["PgIndexBehaviorsPlugin"], // else it filters by nothing but indexed columns
  pgServices: [
    makePgService({
      connectionString: `postgres://${reach ? "relais" : "postgres"}@/${BENCH_DATABASE}?host=${BENCH_HOST}`,
      schemas: ["public"],
      poolConfig: { max: 10 },
    }),
  ],
  grafast: reach ? { context: () => ({ pgSettings: reach }) } : {},
  grafserv: { port: Number(BENCH_PORT), graphiql: false, watch: false },
}).createServ(grafserv);

const http = createServer();
await server.addTo(http);
http.listen(Number(BENCH_PORT), "127.0.0.1", () => console.log("ready"));
