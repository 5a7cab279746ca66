#!/usr/bin/env node
import "../dist/pve/main.js";
