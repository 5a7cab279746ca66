// Command vcsim is the simulated vCenter of VirtRigaud's tests: govmomi's simulator with hosts that can (or cannot)
// nest, the templates and datastores a test asks for, and credentials that are checked.
//
// It prints one line of JSON when it is ready and ends when its standard input does, so that no simulator outlives
// the test that started it. User name and password are read from VCSIM_USERNAME and VCSIM_PASSWORD.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// ready is the line that tells the parent where to connect and which certificate to expect. The certificate's key stays
// in a private file until the end: a proxy before the simulator can show the same certificate.
type ready struct {
	URL              string `json:"url"`
	Username         string `json:"username"`
	CertificatePem   string `json:"certificatePem"`
	ThumbprintSha256 string `json:"thumbprintSha256"`
	KeyFile          string `json:"keyFile"`
	Govmomi          string `json:"govmomi"`
}

func main() {
	opts, err := parseOptions(os.Args[1:], os.Getenv)
	if err == nil {
		err = serve(opts)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "vcsim:", err)
		os.Exit(1)
	}
}

func serve(opts options) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	home, err := os.MkdirTemp("", "vcsim-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	cert, err := newCertificate(filepath.Join(home, "key.pem"))
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}

	model, err := buildInventory(ctx, opts, home)
	if err != nil {
		return fmt.Errorf("inventory: %w", err)
	}
	defer model.Remove()

	model.Service.TLS = &tls.Config{Certificates: []tls.Certificate{cert.pair}, MinVersion: tls.VersionTLS12}
	model.Service.Listen = &url.URL{Host: opts.listen, User: url.UserPassword(opts.username, opts.password)}
	server := model.Service.NewServer()

	endpoint := url.URL{Scheme: "https", Host: server.URL.Host, Path: server.URL.Path}
	line := ready{endpoint.String(), opts.username, cert.pem, cert.thumbprint, cert.keyFile, govmomiVersion()}
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		return err
	}

	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	// The listener is not closed: Close waits for long polls, and the process ends here anyway.
	<-ctx.Done()
	return nil
}
