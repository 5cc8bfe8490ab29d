// Ponder wants an API; nobody asks this one.
import { Hono } from "hono";

export default new Hono();
