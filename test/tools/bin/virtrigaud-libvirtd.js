#!/usr/bin/env node
import "../dist/libvirt/main.js";
