//go:build tools

// Package tools keeps grpcurl's command among this module's requirements; src/grpcurl builds it from there.
package tools

import _ "github.com/fullstorydev/grpcurl/cmd/grpcurl"
