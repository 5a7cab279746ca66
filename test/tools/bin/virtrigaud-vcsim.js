#!/usr/bin/env node
import "../dist/vcsim/main.js";
